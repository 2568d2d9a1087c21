#ifndef STAND_IN_UTIL_CONCURRENCY_THREAD_NAME_H
#define STAND_IN_UTIL_CONCURRENCY_THREAD_NAME_H

#include <string>

#include "mongo/base/string_data.h"

namespace mongo {

inline thread_local std::string threadName = "thread1";

inline void setThreadName(StringData name) {
    threadName = std::string(name);
}

}  // namespace mongo

#endif  // STAND_IN_UTIL_CONCURRENCY_THREAD_NAME_H
