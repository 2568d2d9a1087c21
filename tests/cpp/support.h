// All that the consumer programs share.

#ifndef PSMDB_TELEMETRY_TESTS_CPP_SUPPORT_H
#define PSMDB_TELEMETRY_TESTS_CPP_SUPPORT_H

#include "checks.h"
#include "child.h"
#include "process.h"
#include "psmdb_telemetry/telemetry.h"
#include "receiver.h"
#include "server.h"

#endif  // PSMDB_TELEMETRY_TESTS_CPP_SUPPORT_H
