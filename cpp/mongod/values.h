// SPDX-License-Identifier: Apache-2.0
//
// Converts parameter values: BSON on the server's side, text and JSON on the library's.

#pragma once

#include <string>

#include "mongo/base/status_with.h"
#include "mongo/bson/bsonelement.h"
#include "mongo/bson/bsonobjbuilder.h"

namespace mongo::percona_telemetry {

// The value as text for Telemetry::set(). Nothing is coerced: the library interprets the text.
StatusWith<std::string> textOf(const BSONElement& value);

// A document with one field, whose value is given as JSON. Throws DBException if it is not JSON.
BSONObj documentOf(const std::string& key, const std::string& json);

}  // namespace mongo::percona_telemetry
