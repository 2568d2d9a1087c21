// Loads shared objects that embed the library, and runs each; the program itself has it not.

#include <dlfcn.h>

#include <iostream>
#include <memory>
#include <vector>

namespace {

struct Close {
    void operator()(void* object) const {
        ::dlclose(object);
    }
};

}  // namespace

int main(int count, char** paths) {
    std::vector<std::unique_ptr<void, Close>> objects;
    for (int i = 1; i < count; ++i) {
        objects.emplace_back(::dlopen(paths[i], RTLD_NOW | RTLD_LOCAL));
        void* const entry = objects.back() ? ::dlsym(objects.back().get(), "embed") : nullptr;
        if (entry == nullptr) {
            std::cout << ::dlerror() << std::endl;
            return 1;
        }
        if (reinterpret_cast<int (*)()>(entry)() != 0) {
            return 1;
        }
    }
    return count > 1 ? 0 : 1;
}
