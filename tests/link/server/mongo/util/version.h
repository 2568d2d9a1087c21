#ifndef STAND_IN_UTIL_VERSION_H
#define STAND_IN_UTIL_VERSION_H

#include "mongo/base/string_data.h"

namespace mongo {

class VersionInfoInterface {
public:
    static const VersionInfoInterface& instance() noexcept {
        static const VersionInfoInterface version;
        return version;
    }

    StringData version() const noexcept {
        return "4.4.26-25";
    }
};

}  // namespace mongo

#endif  // STAND_IN_UTIL_VERSION_H
