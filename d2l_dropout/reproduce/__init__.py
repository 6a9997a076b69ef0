"""The book's metrics against many seeded runs: intervals, verdicts, tables, plots."""
