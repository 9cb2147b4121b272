// Input writes the arguments of a plugin function into the memory of its call. One thread at a
// time; the arena must outlive it. If the limit of the call is exhausted, it returns nulls and
// empty texts, and complete() is false: the function must not be called then.
#pragma once

#include <string_view>

#include <capstan/plugin.h>
#include <capstan/core/external/external.hpp>
#include <capstan/plugins/loader/lending/lend.hpp>

namespace capstan::loader {

class Input {
 public:
  explicit Input(Arena& arena) : arena_(&arena) {}

  capstan_text_t Text(std::string_view text);
  const capstan_identity_t* Identity(const external::Identity& identity);
  const capstan_observed_t* Observed(const external::Observed& observed);
  const capstan_step_t* Step(const external::Step& step);
  const capstan_remove_options_t* RemoveOptions(const external::DeleteOptions& options);
  // One entry for each credential, in the order of the keys.
  const capstan_entry_t* Credentials(const external::Credentials& credentials);

  bool complete() const { return complete_; }

 private:
  template <class T>
  T* New();
  template <class T>
  T* Array(std::size_t count);

  Arena* arena_;
  bool complete_ = true;
};

}  // namespace capstan::loader
