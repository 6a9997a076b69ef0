"""Questions answered by runs: what a study is, and how it is run and shown.

A study is a module such as `problems.problem1`, with `TITLE`, `QUESTION`, `METHOD`,
`SCALES` and the functions `specs`, `tables`, `figure` and `answer`: see `study.Study`.
"""
