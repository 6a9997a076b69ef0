"""The book's figures against many seeded runs: intervals, verdicts, tables, plots."""
