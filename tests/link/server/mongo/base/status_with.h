#ifndef STAND_IN_BASE_STATUS_WITH_H
#define STAND_IN_BASE_STATUS_WITH_H

#include <optional>
#include <utility>

#include "mongo/base/status.h"

namespace mongo {

template <typename T>
class StatusWith {
public:
    StatusWith(Status status) : _status(std::move(status)) {
    }
    StatusWith(T value) : _status(Status::OK()), _value(std::move(value)) {
    }

    bool isOK() const {
        return _status.isOK();
    }

    const Status& getStatus() const {
        return _status;
    }

    const T& getValue() const {
        return *_value;
    }

private:
    Status _status;
    std::optional<T> _value;
};

}  // namespace mongo

#endif  // STAND_IN_BASE_STATUS_WITH_H
