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
// What to cut from `object` to be rid of metadata.managedFields, one comma included; nothing when
// there is none. `document` was made of the same bytes at the same address.
Result<std::optional<TextSpan>> ManagedFieldsSpan(simdjson::ondemand::document& document,
                                                  std::string_view object);

}  // namespace capstan::json
