#include <capstan/core/base/fiber/fiber.hpp>

#include <cxxabi.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

#if defined(__SANITIZE_ADDRESS__)
#define CAPSTAN_FIBER_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CAPSTAN_FIBER_ASAN 1
#endif
#if __has_feature(thread_sanitizer)
#define CAPSTAN_FIBER_TSAN 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define CAPSTAN_FIBER_TSAN 1
#endif
#if defined(CAPSTAN_FIBER_ASAN)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(CAPSTAN_FIBER_TSAN)
#include <sanitizer/tsan_interface.h>
#endif

namespace capstan {
namespace {

constexpr std::size_t kStackBytes = std::size_t{8} << 20;

[[noreturn]] void OutOfMemory() {
  std::fprintf(stderr, "capstan simulation: no memory for the stack of one more task\n");
  std::abort();
}

// The C++ runtime stores the exceptions in flight in one record per thread; each fiber needs its
// own. The layout is that of the Itanium ABI.
struct Exceptions {
  void* caught = nullptr;
  unsigned int uncaught = 0;
};
void Swap(Exceptions& own) {
  void* record = abi::__cxa_get_globals();
  Exceptions current;
  std::memcpy(&current, record, sizeof(current));
  std::memcpy(record, &own, sizeof(own));
  own = current;
}

}  // namespace

struct Fiber::Stacks::State {
  std::vector<char*> unused;  // each with its guard page first
};

Fiber::Stacks::Stacks() : state_(std::make_unique<State>()) {}
Fiber::Stacks::~Stacks() {
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  for (char* stack : state_->unused) munmap(stack, kStackBytes + page);
}

struct Fiber::State {
  Stacks::State* stacks = nullptr;
  std::function<void()> run;
  char* memory = nullptr;
  ucontext_t own{}, entered_from{};
  Exceptions exceptions;
  bool finished = false;
#if defined(CAPSTAN_FIBER_ASAN)
  void* fake_stack = nullptr;
  const void* caller_bottom = nullptr;
  std::size_t caller_size = 0;
#endif
#if defined(CAPSTAN_FIBER_TSAN)
  void* tsan = nullptr;
  void* tsan_caller = nullptr;
#endif

  static std::size_t Page() { return static_cast<std::size_t>(sysconf(_SC_PAGESIZE)); }
  char* bottom() const { return memory + Page(); }

  void TakeStack() {
    if (!stacks->unused.empty()) {
      memory = stacks->unused.back();
      stacks->unused.pop_back();
      return;
    }
    void* made = mmap(nullptr, kStackBytes + Page(), PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (made == MAP_FAILED || mprotect(made, Page(), PROT_NONE) != 0) OutOfMemory();
    memory = static_cast<char*>(made);
  }

  void Prepare() {
    TakeStack();
    if (getcontext(&own) != 0) OutOfMemory();
    own.uc_stack.ss_sp = bottom();
    own.uc_stack.ss_size = kStackBytes;
    own.uc_link = nullptr;
    const auto self = reinterpret_cast<std::uintptr_t>(this);
    makecontext(&own, reinterpret_cast<void (*)()>(&State::Main), 2, static_cast<unsigned>(self >> 32),
                static_cast<unsigned>(self));
#if defined(CAPSTAN_FIBER_TSAN)
    tsan = __tsan_create_fiber(0);
#endif
  }

  static void Main(unsigned high, unsigned low) {
    auto* self = reinterpret_cast<State*>((static_cast<std::uintptr_t>(high) << 32) | low);
#if defined(CAPSTAN_FIBER_ASAN)
    __sanitizer_finish_switch_fiber(nullptr, &self->caller_bottom, &self->caller_size);
#endif
    self->run();
    self->run = nullptr;
    self->finished = true;
    self->Leave();
    std::abort();  // a finished fiber is never entered
  }

  void Leave() {
#if defined(CAPSTAN_FIBER_ASAN)
    __sanitizer_start_switch_fiber(finished ? nullptr : &fake_stack, caller_bottom, caller_size);
#endif
#if defined(CAPSTAN_FIBER_TSAN)
    __tsan_switch_to_fiber(tsan_caller, 0);
#endif
    swapcontext(&own, &entered_from);
#if defined(CAPSTAN_FIBER_ASAN)
    __sanitizer_finish_switch_fiber(fake_stack, &caller_bottom, &caller_size);
#endif
  }
};

Fiber::Fiber(Stacks& stacks, std::function<void()> run) : state_(std::make_unique<State>()) {
  state_->stacks = stacks.state_.get();
  state_->run = std::move(run);
}

Fiber::~Fiber() {
  if (state_->memory == nullptr) return;
#if defined(CAPSTAN_FIBER_TSAN)
  __tsan_destroy_fiber(state_->tsan);
#endif
#if defined(CAPSTAN_FIBER_ASAN)
  // Otherwise frames of a reused stack would still appear poisoned.
  __asan_unpoison_memory_region(state_->bottom(), kStackBytes);
#endif
  state_->stacks->unused.push_back(state_->memory);
}

void Fiber::Enter() {
  State& state = *state_;
  if (state.memory == nullptr) state.Prepare();
  Swap(state.exceptions);
#if defined(CAPSTAN_FIBER_ASAN)
  void* fake_stack = nullptr;
  __sanitizer_start_switch_fiber(&fake_stack, state.bottom(), kStackBytes);
#endif
#if defined(CAPSTAN_FIBER_TSAN)
  state.tsan_caller = __tsan_get_current_fiber();
  __tsan_switch_to_fiber(state.tsan, 0);
#endif
  swapcontext(&state.entered_from, &state.own);
#if defined(CAPSTAN_FIBER_ASAN)
  __sanitizer_finish_switch_fiber(fake_stack, nullptr, nullptr);
#endif
  Swap(state.exceptions);
}

void Fiber::Leave() { state_->Leave(); }
bool Fiber::finished() const { return state_->finished; }

}  // namespace capstan
