"""What each thing that the product exists for costs, beside a floor or a peer, in one run."""
