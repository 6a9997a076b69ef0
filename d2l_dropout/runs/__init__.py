"""Seeded runs: what decides one, what it gave, and many side by side in a store."""
