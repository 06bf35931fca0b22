/// Version 4, the full-text index of queries.
///
/// An external-content table: the index holds the words, `queries` the texts. Nothing keeps it up to date while a log is
/// imported, so that imports do not pay for it; `search_state` says up to which row it reaches, and rows are indexed when
/// somebody searches. Rows are only ever added at the end; whatever changes or removes texts clears the index.
extension Schema {
  static let search = """
    CREATE VIRTUAL TABLE query_search USING fts5 (
      text, content = 'queries', content_rowid = 'row', tokenize = 'unicode61 remove_diacritics 2'
    );

    CREATE TABLE search_state (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      indexed_row INTEGER NOT NULL CHECK (indexed_row >= 0)
    ) STRICT;
    INSERT INTO search_state (id, indexed_row) VALUES (1, 0);
    """
}
