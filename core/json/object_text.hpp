// Private to this folder: the pieces that ScanMetadata, WithoutManagedFields and ObjectScanner
// share. Includes simdjson; for sources only.
#pragma once

#include <optional>
#include <string_view>

#include <simdjson.h>

#include <capstan/core/json/scan.hpp>

namespace capstan::json {

inline constexpr int kObjectDepth =
    512;  // ItemSplitterOptions::depth_limit: what it lets through can be read

// Errors as ScanMetadata.
Result<Metadata> MetadataOf(simdjson::dom::element root);

struct TextSpan {
  std::size_t begin = 0, end = 0;
};
// A member of an object, from its key to behind its value, with the comma that goes with it: the
// one behind it or, when it is the last, the one before.
TextSpan WithComma(std::string_view object, TextSpan member);
// What to cut from `object` to be rid of metadata.managedFields, one comma included; nothing when
// there is none. `document` was made of the same bytes at the same address.
Result<std::optional<TextSpan>> ManagedFieldsSpan(simdjson::ondemand::document& document,
                                                  std::string_view object);

}  // namespace capstan::json
