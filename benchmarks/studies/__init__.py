"""One question each; every study writes raw JSON, and its tables are generated from that."""
