"""Buys the demo market half a percent down, sells a percent up, and begins anew.

ordermode chart aapl.demo.replay --run examples/strategy.py     beside the chart, on its account
python examples/strategy.py                                     alone
"""

import ordermode


async def main(client: ordermode.TradingClient) -> None:
    """Trade until stopped; an order that the user cancels on the chart stops it."""
    market = await client.market("aapl.demo.replay")
    while True:
        price = await client.next_price(market)
        entry = client.buy(market, price * 0.995, 10)
        bought = await client.until(entry, "closed")
        exit_ = client.sell(market, float(bought.avg_price or price) * 1.01, 10)
        await client.until(exit_, "closed")


if __name__ == "__main__":
    ordermode.run(main)
