"""What `make bench` runs: our rates as ratios against a peer run beside them."""
