#include "controller/agent/sync_directory.h"

#include <fcntl.h>
#include <unistd.h>

#include "controller/archive/file_descriptor.h"
#include "controller/archive/system_call.h"

namespace controller {

void sync_directory(const std::filesystem::path& path) {
  const FileDescriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory || ::fsync(directory.fd()) != 0) {
    throw_errno("sync the directory", path.string());
  }
}

}  // namespace controller
