// SPDX-License-Identifier: Apache-2.0
//
// Telemetry in mongod: the two calls that the server makes. docs/integration.md says where.
//
// The server asks with __has_include for this header, so that both calls compile to nothing where
// the module's folder is absent.

#pragma once

namespace mongo::percona_telemetry {

// Where start-up is complete: forked, dbpath locked, listening. Returns in microseconds. A server
// that is not an installation (suppression.h) does not report.
void start() noexcept;

// First thing of the shutdown, from any thread and at any time, also before start(). Returns
// within 50 ms; afterwards nothing is logged and nothing starts.
void stop() noexcept;

}  // namespace mongo::percona_telemetry
