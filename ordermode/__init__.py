"""What other programs use of ordermode."""
