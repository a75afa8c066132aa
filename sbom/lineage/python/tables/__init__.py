"""What functions and methods of libraries read and write, one file per family of libraries.

A table has one line per function: its dotted name, a colon, and its effects, separated by semicolons::

    pandas.read_csv: read 0 filepath_or_buffer
    *.to_csv: write 0 path_or_buf
    keras,?.save: write~ 0 filepath

A name that starts with ``*.`` is a method of anything; one that starts with import names is a method of what comes from
there (``?``: from somewhere that is not known). An effect is a verb, the position of the argument that it is about
(``-``: it is only given by name; ``*``: all of them), and the names of that argument. Verbs:

``read``, ``write``
    a file (or a directory that is one thing, as a saved model is);
``read/``, ``write/``, ``make/``
    a directory: what lies in it is read or written, or it is just made;
``remove``
    what was written there is of no interest any more;
``write.npy``
    a file whose name gets that suffix where it has none;
``open``
    a file, as the argument that is called ``mode`` (or stands behind it) says;
``hub``
    the name of something on the Hugging Face hub, unless it looks like a path of the workspace;
``hubdata``
    the same for a dataset;
``url``
    the address of a database, or a connection to one; ``url>``: which is written;
``table<``, ``table>``
    a table that is read, or written.

``~`` behind a verb: only where the text looks like a path; the name of the method alone does not tell enough.
"""
