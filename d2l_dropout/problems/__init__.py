"""The chapter's eight problems (3.13.10), each answered by a study of its own."""
