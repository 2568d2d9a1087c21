#ifndef STAND_IN_DB_STORAGE_STORAGE_OPTIONS_H
#define STAND_IN_DB_STORAGE_STORAGE_OPTIONS_H

#include <string>

namespace mongo {

struct StorageGlobalParams {
    std::string dbpath;
    bool repair = false;
#if MONGO_STAND_IN < 70
    bool readOnly = false;
#else
    bool queryableBackupMode = false;
#endif
};

inline StorageGlobalParams storageGlobalParams;

}  // namespace mongo

#endif  // STAND_IN_DB_STORAGE_STORAGE_OPTIONS_H
