"""What injected masks hide: a port's own dropout, initial values and images."""
