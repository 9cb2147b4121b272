// Private to core/net: waits for the answers of several requests at the same time, with few
// wake-ups.
//
// After the first answer the next look at the sockets comes no sooner than a pause later and takes
// every answer that arrived meanwhile: next to a busy server most of what an answer costs is the
// wake-up (docs/performance.md). The pause is half of the time since the requests were sent, at
// most `longest`; after the last answer there is none.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include <capstan/core/base/context.hpp>
#include <capstan/core/net/stream/channel.hpp>

namespace capstan::net {

// Calls `read(i)` once for each channel that is not null: when its answer begins to arrive, when
// its connection ended, or when the context is stopped or its deadline has passed. `read` may block
// until the rest of the answer is there. The channels must outlive the call of their `read`; only
// one thread may use them.
void AwaitAnswers(const std::vector<Channel*>& channels, const Context& context, Duration longest,
                  const std::function<void(std::size_t)>& read);

}  // namespace capstan::net
