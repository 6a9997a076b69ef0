"""The chapter's nets, the variants that its problems ask for, and one interface."""
