#include "controller/archive/page_buffer.h"

#include <sys/mman.h>

#include <new>

namespace controller {

PageBuffer::PageBuffer(std::size_t size) : size_(size) {
  void* const pages =
      ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) {
    throw std::bad_alloc();
  }
  bytes_ = static_cast<char*>(pages);
}

PageBuffer::~PageBuffer() {
  if (bytes_ != nullptr) {
    ::munmap(bytes_, size_);
  }
}

}  // namespace controller
