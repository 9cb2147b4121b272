// ItemSplitter splits a list that streams in, in pieces of any size: it hands out each element of
// one top-level array ("items" of a Kubernetes list) as text and keeps the rest ("metadata" with
// resourceVersion and continue). Memory: the largest item. Not thread-safe.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <capstan/core/base/result.hpp>

namespace capstan::json {

struct ItemSplitterOptions {
  std::size_t item_limit = std::size_t{64} << 20;  // bytes of one item; kTooLarge above
  int depth_limit = 512;                           // nesting; kTooLarge above
  std::string key = "items";                       // of the array; plain characters only
};

class ItemSplitter {
 public:
  // `item` is called with each element, which is valid during the call. An error it returns ends
  // the split and is returned by Feed.
  using OnItem = std::function<Status(std::string_view item)>;
  explicit ItemSplitter(OnItem item, ItemSplitterOptions options = {});
  ~ItemSplitter();
  // Errors: kDataLoss (not a JSON object), kTooLarge, and those of `item`.
  Status Feed(std::string_view bytes);
  // Call at the end of the body. Returns the document without its items, such as
  // {"kind":"PodList","metadata":{...},"items":[]}. Errors: kDataLoss when the document is
  // incomplete.
  Result<std::string> Finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace capstan::json
