"""The module percona_telemetry: links libpsmdb_telemetry.a into mongod.

The server's SConstruct refuses build variables that it does not know, and reads them before it
reads this file. So what a builder may choose is an option.
"""

import os

from SCons.Script import AddOption

AddOption(
    '--percona-telemetry-archive',
    dest='percona_telemetry_archive',
    metavar='FILE',
    help='link this libpsmdb_telemetry.a instead of building it with cargo',
)


def configure(conf, env):
    """Tells the whole server that it has the module, which --modules may leave out although its
    folder is there. Refuses a server that brings its own telemetry: both register the same
    parameters."""
    own = env.Dir('#src/mongo/db/telemetry').abspath
    if os.path.exists(own):
        env.FatalError(
            'percona_telemetry: this server has telemetry of its own ({0}), as 5.0.28-24, 6.0.16-13, '
            '7.0.12-7, 8.0 and later have: remove the module from src/mongo/db/modules'.format(own))
    env.Append(CPPDEFINES=['PERCONA_TELEMETRY_MODULE'])
