// Telemetry in mongod: the two calls that the server makes. docs/integration.md says where.
//
// The server asks with __has_include for this header, so that both calls compile to nothing where
// the module's folder is absent.

#ifndef MONGO_DB_MODULES_PERCONA_TELEMETRY_H
#define MONGO_DB_MODULES_PERCONA_TELEMETRY_H

namespace mongo::percona_telemetry {

// Where start-up is complete: forked, dbpath locked, listening. Returns in microseconds. Does
// nothing with --repair and where the dbpath is read-only.
void start() noexcept;

// First thing of the shutdown, from any thread and at any time, also before start(). Returns
// within 50 ms; afterwards nothing is logged and nothing starts.
void stop() noexcept;

}  // namespace mongo::percona_telemetry

#endif  // MONGO_DB_MODULES_PERCONA_TELEMETRY_H
