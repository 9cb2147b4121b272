// Private to this folder: code shared by ScanMetadata, WithoutManagedFields and ObjectScanner.
// Includes simdjson; for sources only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include <capstan/core/json/scan.hpp>

namespace capstan::json {

inline constexpr int kObjectDepth =
    // equals ItemSplitterOptions::depth_limit: every item that the splitter passes on can be read
    512;

// Overwrites all of `into` and reuses its memory. Errors as for ScanMetadata; `into` is unusable
// after an error.
Status ReadMetadata(simdjson::dom::element root, Metadata& into);

struct TextSpan {
  std::size_t begin = 0, end = 0;
};
// Removes these members from `object`. They must be in the order of the text, each from its key to
// the end of its value. Each removal includes one comma: the one after the member or, for the last
// one, the one before.
void TakeOut(std::string& object, std::vector<TextSpan>& members);

}  // namespace capstan::json
