"""What a file holds, compressed or not, read no further than is asked for.

A gzip file of 3 MB may inflate to 3 GB, and whoever sends it decides that. Nothing here
is therefore inflated before somebody wants it, and the reader of an IDX file wants what
the header promises and one byte more.
"""

import zlib

GZIP_MAGIC = b'\x1f\x8b'
HTML_BEGINNINGS = (b'<!doctype', b'<html', b'<head', b'<!--', b'<?xml')
CHUNK = 1 << 16
# Each costs a decoder. Parallel compressors make one of 64 KB and more.
MAX_MEMBERS = 10_000


class Content:
    """The content of a file as a stream.

    Parameters
    ----------
    file : binary file, at its beginning
    on_stored : callable
        Called with each piece of the file as it lies on disk.

    Attributes
    ----------
    most_stored : int
        More bytes than these are not read from the file: members without content, or
        zeros after the last one, need no end. May be raised.

    Raises
    ------
    ValueError
        If the file is empty or a web page.
    """

    def __init__(self, file, on_stored):
        self.most_stored = 1 << 20
        self._file, self._on_stored = file, on_stored
        self._num_stored, self._num_members = 0, 0
        self._decoder = None
        self._stored = self._next_stored()
        if not self._stored:
            raise ValueError('is empty')
        beginning = self._stored[:1024].lstrip(b'\xef\xbb\xbf \t\r\n').lower()
        if beginning.startswith(HTML_BEGINNINGS):
            raise ValueError(
                'is a web page (HTML), not data: perhaps the login page of a network '
                'was saved in its place'
            )
        self._is_gzip = self._stored.startswith(GZIP_MAGIC)

    def _next_stored(self):
        stored = self._file.read(CHUNK) or b''
        self._num_stored += len(stored)
        if self._num_stored > self.most_stored:
            raise ValueError(
                f'is too large for what it holds: it ends after more than '
                f'{self.most_stored} bytes'
            )
        self._on_stored(stored)
        return stored

    def read_into(self, buffer):
        """Fill a buffer as far as the content reaches.

        Parameters
        ----------
        buffer : memoryview of bytes

        Returns
        -------
        int
            How many bytes were read; fewer than fit only at the end.

        Raises
        ------
        ValueError
            If the file is damaged, cut off, or too large.
        """
        num_read = 0
        while num_read < len(buffer):
            most = min(CHUNK, len(buffer) - num_read)
            piece = self._inflate(most) if self._is_gzip else self._take(most)
            if not piece:
                break
            buffer[num_read : num_read + len(piece)] = piece
            num_read += len(piece)
        return num_read

    def _take(self, most):
        self._stored = self._stored or self._next_stored()
        piece, self._stored = self._stored[:most], self._stored[most:]
        return piece

    def _inflate(self, most):
        """Return the next bytes, 1 to `most` of them, or none at the end."""
        while self._decoder or self._begins_member():
            try:
                piece = self._decoder.decompress(self._stored, most)
            except zlib.error as error:
                # 'Error -3 while decompressing data: incorrect data check'
                reason = str(error).rpartition(': ')[2]
                raise ValueError(f'is a damaged gzip file ({reason})') from error
            if self._decoder.eof:
                self._stored, self._decoder = self._decoder.unused_data, None
            else:
                self._stored = self._decoder.unconsumed_tail
            if piece:
                return piece
            if self._decoder and not self._stored:
                self._stored = self._next_stored()
                if not self._stored:
                    raise ValueError('is a truncated gzip file: its end is missing')
        return b''

    def _begins_member(self):
        """Return whether another member follows: a gzip file may have several."""
        while self._num_members:  # zeros after a member are padding
            self._stored = self._stored.lstrip(b'\0')
            if self._stored:
                break
            self._stored = self._next_stored()
            if not self._stored:
                return False
        self._num_members += 1
        if self._num_members > MAX_MEMBERS:
            raise ValueError(f'is a gzip file of more than {MAX_MEMBERS} members')
        self._decoder = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
        return True
