// The scanner of objects compared with the two functions that scan separately, and JSON pointers.
#include <memory>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/object_scanner.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/json/pointer.hpp>
#include <capstan/core/json/scan.hpp>
#include <capstan/tests/fuzz/target.hpp>

namespace capstan::fuzz {

void FuzzObjects(std::string_view bytes) {
  Input input(bytes);
  const std::string pointer = input.Piece();
  std::string text(input.rest());
  text.shrink_to_fit();  // so that sanitizers detect a read past the end
  json::ObjectScanner scanner;
  const auto both = scanner.Scan(text);
  const auto metadata = json::ScanMetadata(text);
  const auto cut = json::WithoutManagedFields(text);
  // The scanner does not parse what it removes, so it may accept texts that the others reject.
  CAPSTAN_MUST(both.has_value() || !metadata.has_value() || !cut.has_value(), text);
  if (both && (!metadata || !cut)) {
    CAPSTAN_MUST(text.find("managedFields") != std::string::npos, text);
    CAPSTAN_MUST(json::ScanMetadata(both->text).has_value(), std::string(both->text));
  }
  if (both && metadata && cut) {
    const auto& one = both->metadata;
    const auto& two = *metadata;
    CAPSTAN_MUST(one.name == two.name && one.namespace_ == two.namespace_ && one.uid == two.uid &&
                     one.labels == two.labels && one.annotations == two.annotations &&
                     one.owners == two.owners && one.finalizers == two.finalizers &&
                     one.generation == two.generation && one.resource_version == two.resource_version,
                 text);
    CAPSTAN_MUST(both->text == *cut, *cut);
    if (json::ParseObject(text, 1000)) CAPSTAN_MUST(json::ParseObject(*cut, 1000).has_value(), *cut);
  }
  (void)json::Members(text);
  (void)json::ParsePointer(pointer);
  (void)json::ValueAt(text, pointer);
  (void)json::StringAt(text, pointer);
  (void)json::IntegerAt(text, pointer);
  (void)json::BooleanAt(text, pointer);
}

}  // namespace capstan::fuzz
