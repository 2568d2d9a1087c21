// SPDX-License-Identifier: Apache-2.0
//
// Telemetry in mongod: the two calls that the server makes. docs/integration.md says where.
//
// build.py defines PERCONA_TELEMETRY_MODULE for the whole server: where the module is not built,
// both calls compile to nothing.

#pragma once

namespace mongo::percona_telemetry {

// To be called when start-up is complete: forked, dbpath locked, listening. Returns in
// microseconds. A server that is not an installation (suppression.h) does not report.
void start() noexcept;

// To be called first in the shutdown. Safe from any thread and at any time, also before start().
// Returns within 50 ms. Afterwards nothing is logged and nothing starts.
void stop() noexcept;

}  // namespace mongo::percona_telemetry
