// SPDX-License-Identifier: MPL-2.0
#include "agent/heap.h"

#include <dlfcn.h>

#include <cstdlib>
#include <new>

#include "core/base/assert.h"

namespace agent {
namespace {

// As mimalloc.h declares them; the library is looked up, not linked, because linked it would take the place of
// malloc in every process of this binary.
struct Heap {
  void* (*allocate)(std::size_t size) = nullptr;
  void* (*allocate_aligned)(std::size_t size, std::size_t alignment) = nullptr;
  void (*release)(void* memory) = nullptr;
  bool (*holds)(const void* memory) = nullptr;
  void (*process_info)(std::size_t* elapsed, std::size_t* user, std::size_t* system, std::size_t* resident, std::size_t* resident_peak,
                       std::size_t* committed, std::size_t* committed_peak, std::size_t* faults) = nullptr;
};
constinit Heap heap;  // operator new knows no owner that could hand it over

template <class Function>
bool look_up(void* library, const char* name, Function& out) {
  out = reinterpret_cast<Function>(::dlsym(library, name));
  return out != nullptr;
}

}  // namespace

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
bool use_server_heap() { return false; }
#else
bool use_server_heap() {
  if (heap.allocate != nullptr) return true;
  void* const library = ::dlopen("libmimalloc.so.2", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return false;
  Heap found;
  if (!look_up(library, "mi_malloc", found.allocate) || !look_up(library, "mi_malloc_aligned", found.allocate_aligned) ||
      !look_up(library, "mi_free", found.release) || !look_up(library, "mi_is_in_heap_region", found.holds) ||
      !look_up(library, "mi_process_info", found.process_info))
    return false;
  heap = found;
  return true;
}
#endif

std::size_t server_heap_bytes() {
  std::size_t committed = 0;
  if (heap.process_info != nullptr) heap.process_info(nullptr, nullptr, nullptr, nullptr, nullptr, &committed, nullptr, nullptr);
  return committed;
}

}  // namespace agent

// Sanitizers bring their own, which see more. The forms that are not here call these.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
namespace {

void release(void* memory) noexcept {
  if (memory != nullptr && agent::heap.release != nullptr && agent::heap.holds(memory)) agent::heap.release(memory);
  else std::free(memory);
}

}  // namespace

void* operator new(std::size_t size) {
  void* const memory = agent::heap.allocate != nullptr ? agent::heap.allocate(size) : std::malloc(size);
  if (memory == nullptr) PANIC("out of memory");
  return memory;
}

void* operator new(std::size_t size, std::align_val_t align) {
  const auto alignment = static_cast<std::size_t>(align);
  const auto rounded = (size + alignment - 1) / alignment * alignment;
  void* const memory = agent::heap.allocate != nullptr ? agent::heap.allocate_aligned(size, alignment) : std::aligned_alloc(alignment, rounded);
  if (memory == nullptr) PANIC("out of memory");
  return memory;
}

void operator delete(void* memory) noexcept { release(memory); }
void operator delete(void* memory, std::size_t) noexcept { release(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { release(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { release(memory); }
#endif
