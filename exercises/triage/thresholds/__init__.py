"""Numbers by which one patient is judged more strictly than by the rules' own."""
