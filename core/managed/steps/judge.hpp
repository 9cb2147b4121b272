// Private to core/managed. What became of a request that makes something, judged by what was seen
// on the wire as much as by the provider's word: whoever says "rejected" must also be able to have
// known it.
#pragma once

#include <capstan/core/external/external.hpp>

namespace capstan::managed {

enum class Fate {
  kMade,     // and its id is known
  kNotMade,  // certainly
  kUnknown,  // time and a Find will tell
};

Fate JudgeMaking(const external::Outcome& outcome);

}  // namespace capstan::managed
