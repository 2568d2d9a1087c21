#include "mongo/bson/bson.h"
