"""What ``ordermode --help`` and each command's help say around their lists of options."""

from typing import Final

DESCRIPTION: Final = """\
A chart that you trade on: hold a key, click a price, and there is an order.

With no command it opens the market that the config names, else the built-in
demo market with a paper account: no network, no broker, no config needed.
"""

EXAMPLES: Final = """\
examples:
  ordermode                                     the demo market, paper account
  ordermode chart xbtusd.kraken --period 5m     one market, bars of five minutes
  ordermode replay ticks.parquet --speed 10     a recording, ten times as fast
  ordermode demo --headless --out session       no display: a scripted session
  ordermode orders --market xbtusd.kraken       what the journal says; no window
  ordermode doctor                              what is wrong, and what to do

keys and mouse, with the pointer over the chart:
  hold f, click     buy at that price (dark: held here until it is touched)
  hold d, click     sell at that price, likewise
  hold a, click     alert at that price
  + ctrl or s       hold it too: live, the order goes to the venue at once
  + digits          while held: the number of slots
  drag a line       change the price of that order
  c                 cancel the order under the pointer
  c c               cancel all orders on this chart
  Esc               put away what is staged
  ?                 show all keys

`ordermode COMMAND --help` tells more about a command.
"""

CHART: Final = """\
examples:
  ordermode chart aapl.demo.replay
  ordermode chart xbtusd.kraken --account paper --period 1h
  ordermode chart aapl.demo.replay --run strategy.py

FQSN is the full name of a market in lower case:
<symbol>.<venue>[.<expiry>].<broker>
"""

REPLAY: Final = """\
examples:
  ordermode replay trades.parquet
  ordermode replay quotes.csv --speed 30 --start 2026-03-02T14:30Z
  ordermode replay many.parquet --symbol msft --speed max --fresh

FILE is Parquet or CSV with trades, quotes or bars. In the window, Space
pauses, . steps, [ and ] change the speed.
"""

DEMO: Final = """\
examples:
  ordermode demo
  ordermode demo --headless --out session

Plays a short session on recorded data by real key and mouse events: places
orders and an alert, drags one, fills one, cancels one, and restarts. It writes
DIR/chart.png and DIR/session.json, and its exit code is not 0 if anything did
not happen as asked.
"""

REPORTS: Final = {
    "orders": "print the orders in the journal",
    "fills": "print the executions in the journal",
    "positions": "print the positions and profits by the journal's fills",
    "log": "print the whole story of one order",
}

REPORT: Final = """\
examples:
  ordermode orders --market aapl.demo.replay --since 2026-03-02
  ordermode fills --account paper --csv
  ordermode positions --json
  ordermode log 3f2a

Reads the journal of --state-dir, also while the program runs. Times are UTC.
The beginning of an order's id is enough for log. The journal of a recording
is in the folder recordings/NAME of the state folder: name it as --state-dir.
"""

KILL: Final = """\
examples:
  ordermode kill
  ordermode kill --force
  ordermode kill --release

Cancels every order, ends every dark order, refuses all new risk, and says what
it could not cancel; it stays so until released. A window that runs acts on it;
where none runs, this does it by itself. If the window hangs, --force ends it
first. The exit code is 1 if an order is left, 3 if the program hangs.
"""

KEYS: Final = """\
examples:
  ordermode keys set kraken
  ordermode keys list
  ordermode keys remove kraken

Asks for the key and the secret without showing them, and keeps them in the
keyring of the operating system. Instead, ORDERMODE_KRAKEN_API_KEY and
ORDERMODE_KRAKEN_API_SECRET may be set, or keys/kraken.toml in the config folder
may hold api_key and api_secret; nobody but you may read it (mode 0600).
"""

DOCTOR: Final = """\
examples:
  ordermode doctor
  ordermode doctor --connect
  ordermode doctor --json --state-dir /tmp/session

Looks at Qt and the display, the config, the journal, the clock and the brokers,
and prints a line for each, with what to do. It changes nothing. Only --connect
uses the network: it asks each broker that the config names, and only asks.
The exit code is 1 if anything would keep the program from working, else 0.
"""

COMPLETION: Final = """\
examples:
  ordermode completion bash
  ordermode completion zsh

Prints a script. For bash, put it where bash-completion looks:
  ordermode completion bash > ~/.local/share/bash-completion/completions/ordermode
For zsh, into a folder of $fpath, as _ordermode; for fish, into
~/.config/fish/completions/ordermode.fish
"""

DESKTOP: Final = """\
examples:
  ordermode install-desktop
  ordermode install-desktop --remove

Writes a desktop entry and an icon into your own data folder ($XDG_DATA_HOME,
else ~/.local/share), so that the desktop's menu has the program. It is yours
alone; nothing of the system is touched.
"""
