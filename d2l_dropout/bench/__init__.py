"""How fast, side by side: each contender in a process of its own, alternating."""
