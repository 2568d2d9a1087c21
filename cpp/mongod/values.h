// SPDX-License-Identifier: Apache-2.0
//
// Values of parameters: BSON on the server's side, text and JSON on the library's.

#pragma once

#include <string>

#include "mongo/base/status_with.h"
#include "mongo/bson/bsonelement.h"
#include "mongo/bson/bsonobjbuilder.h"

namespace mongo::percona_telemetry {

// The text that Telemetry::set() takes for a value. Nothing is coerced: what a text means is the
// library's to say.
StatusWith<std::string> textOf(const BSONElement& value);

// A document of one field with a value given as JSON. Throws DBException if it is not JSON.
BSONObj documentOf(const std::string& key, const std::string& json);

}  // namespace mongo::percona_telemetry
