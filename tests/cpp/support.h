// All that the consumer programs share.

#pragma once

#include "checks.h"
#include "child.h"
#include "process.h"
#include "psmdb_telemetry/telemetry.h"
#include "receiver.h"
#include "server.h"
