// Writes a Table as text, row by row, from the texts of objects: for large lists. Copies the text
// of the metadata into each row instead of building its tree. For one thread.
#pragma once

#include <string>
#include <string_view>

#include <capstan/local/apiserver/table/printer.hpp>

namespace capstan::apiserver {

class TableWriter final {
 public:
  // `printer` must outlive this object. `api_version` is that of the Table; the other parameters
  // are those of TablePrinter::Table.
  TableWriter(const TablePrinter& printer, const json::ObjectPtr& list_metadata, std::string_view api_version,
              IncludeObject include, double now);

  // Adds a row for an object, given as JSON. Skips text that is not an object.
  void Add(std::string_view object);
  // Escaped as Go escapes JSON if the objects were (html_safe.hpp).
  std::string Finish() &&;

 private:
  const TablePrinter& printer_;
  const IncludeObject include_;
  const double now_;
  bool first_ = true;
  std::string text_;
};

// The text of `metadata` in the text of an object; empty when absent, or when the text is not an
// object.
std::string_view MetadataText(std::string_view object);

}  // namespace capstan::apiserver
