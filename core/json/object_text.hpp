// Private to this folder: the pieces that ScanMetadata, WithoutManagedFields and ObjectScanner
// share. Includes simdjson; for sources only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include <capstan/core/json/scan.hpp>

namespace capstan::json {

inline constexpr int kObjectDepth =
    512;  // ItemSplitterOptions::depth_limit: what it lets through can be read

// Writes over all of `into`, in the memory it has. Errors as ScanMetadata; `into` is then of no
// use.
Status ReadMetadata(simdjson::dom::element root, Metadata& into);

struct TextSpan {
  std::size_t begin = 0, end = 0;
};
// Takes these members out of `object`. They are given in its order, each from its key to behind its
// value. With each goes one comma: the one behind it or, when it is the last, the one before.
void TakeOut(std::string& object, std::vector<TextSpan>& members);

}  // namespace capstan::json
