"""The module percona_telemetry: links libpsmdb_telemetry.a into mongod.

The server's SConstruct refuses build variables that it does not know, and reads them before it
reads this file. So what a builder may choose is an option.
"""

from SCons.Script import AddOption

AddOption(
    '--percona-telemetry-archive',
    dest='percona_telemetry_archive',
    metavar='FILE',
    help='link this libpsmdb_telemetry.a instead of building it with cargo',
)


def configure(conf, env):
    """Nothing to find out: the SConscript takes everything from the server's own environment."""
