"""Another implementation's learning curves against those of the runs that ship."""
