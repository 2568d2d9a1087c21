#ifndef STAND_IN_STDX_CHRONO_H
#define STAND_IN_STDX_CHRONO_H

#include <chrono>

namespace mongo::stdx {

namespace chrono = std::chrono;

}  // namespace mongo::stdx

#endif  // STAND_IN_STDX_CHRONO_H
