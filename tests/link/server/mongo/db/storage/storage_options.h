#ifndef STAND_IN_DB_STORAGE_STORAGE_OPTIONS_H
#define STAND_IN_DB_STORAGE_STORAGE_OPTIONS_H

#include <string>

namespace mongo {

struct StorageGlobalParams {
    std::string dbpath;
    bool repair = false;
    bool readOnly = false;
};

inline StorageGlobalParams storageGlobalParams;

}  // namespace mongo

#endif  // STAND_IN_DB_STORAGE_STORAGE_OPTIONS_H
