// Untrusted answers of a plugin over the ABI: structs whose bytes are the input, in the memory of
// the call, with arbitrary pointers.
#include <cstring>
#include <memory>

#include <capstan/core/base/random.hpp>
#include <capstan/core/base/simulated_scheduler.hpp>
#include <capstan/core/http/loopback.hpp>
#include <capstan/plugins/loader/calls/answer.hpp>
#include <capstan/tests/fuzz/target.hpp>

namespace capstan::fuzz {
namespace {

constexpr std::size_t kText = 256;

// Fills a struct in the arena from the input. Words with small numbers become addresses in the
// arena, so that some pointers are valid.
template <class T>
const T* Fill(Input& input, loader::Arena& arena, const void* area) {
  auto* made = static_cast<T*>(arena.Allocate(sizeof(T)));
  auto* bytes = reinterpret_cast<unsigned char*>(made);
  for (std::size_t at = 0; at + sizeof(std::uint64_t) <= sizeof(T); at += sizeof(std::uint64_t)) {
    const unsigned kind = input.Byte();
    std::uint64_t word = input.Byte();
    if (kind % 4 == 1) word = reinterpret_cast<std::uint64_t>(area) + word % kText;
    if (kind % 4 == 2) word *= 0x0101010101010101ULL;
    std::memcpy(bytes + at, &word, sizeof(word));
  }
  if (input.Byte() % 8 != 0) made->struct_size = sizeof(T);
  return made;
}

template <class T>
const T* const* ListOf(Input& input, loader::Arena& arena, const void* area, std::size_t count) {
  auto* list = static_cast<const T**>(arena.Allocate(count * sizeof(T*)));
  for (std::size_t i = 0; i < count; ++i) list[i] = Fill<T>(input, arena, area);
  return list;
}

}  // namespace

void FuzzPluginAnswers(std::string_view bytes) {
  SimulatedScheduler scheduler;
  http::LoopbackTransport nowhere(scheduler);
  const auto random = MakeSeededRandom(1);
  SilentLog log;
  const auto lender =
      std::make_shared<loader::Lender>(loader::Seams{scheduler, nowhere, *random, log},
                                       loader::AllowedHosts({}, "{}"), loader::LenderOptions{});
  Input input(bytes);
  const auto call = lender->NewCall("get", Context{});
  auto* area = static_cast<char*>(call->arena.Allocate(kText));
  const std::string text = input.Piece();
  std::memcpy(area, text.data(), std::min(text.size(), kText));
  const loader::Image image;
  const loader::Answers answers(image, *call, "fuzz");
  while (!input.empty()) {
    switch (input.Byte() % 8) {
      case 0:
        (void)answers.Observed(Fill<capstan_observed_t>(input, call->arena, area));
        break;
      case 1: {
        auto page = *Fill<capstan_page_t>(input, call->arena, area);
        page.count = input.Byte() % 4;
        page.items = ListOf<capstan_observed_t>(input, call->arena, area, page.count + 1);
        auto* kept = static_cast<capstan_page_t*>(call->arena.Allocate(sizeof(page)));
        std::memcpy(kept, &page, sizeof(page));
        (void)answers.Page(kept);
        break;
      }
      case 2:
        (void)answers.Plan(Fill<capstan_plan_t>(input, call->arena, area));
        break;
      case 3: {
        auto plan = *Fill<capstan_plan_t>(input, call->arena, area);
        plan.step_count = input.Byte() % 4;
        plan.steps = ListOf<capstan_step_t>(input, call->arena, area, plan.step_count + 1);
        auto* kept = static_cast<capstan_plan_t*>(call->arena.Allocate(sizeof(plan)));
        std::memcpy(kept, &plan, sizeof(plan));
        (void)answers.Plan(kept);
        break;
      }
      case 4:
        (void)answers.Connection(Fill<capstan_connection_t>(input, call->arena, area));
        break;
      case 5:
        (void)answers.Account(Fill<capstan_account_t>(input, call->arena, area));
        break;
      case 6:
        (void)answers.Why(Fill<capstan_error_t>(input, call->arena, area));
        break;
      default: {
        const capstan_text_t words{area + input.Byte(), input.Byte()};
        (void)answers.Id(words);
        (void)answers.Text(words, "text", loader::kTextLimit);
      }
    }
  }
}

}  // namespace capstan::fuzz
