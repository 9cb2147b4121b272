// A Table as text, row by row out of the texts of objects: what a list of many is shown as. Costs
// no tree of the metadata, which each row repeats as it stands. One thread.
#pragma once

#include <string>
#include <string_view>

#include <capstan/local/apiserver/table/printer.hpp>

namespace capstan::apiserver {

class TableWriter final {
 public:
  // `printer` must outlive this. `api_version` is the Table's; the rest as of TablePrinter::Table.
  TableWriter(const TablePrinter& printer, const json::ObjectPtr& list_metadata, std::string_view api_version,
              IncludeObject include, double now);

  // A row for an object, given as JSON. A text that is no object gets none.
  void Add(std::string_view object);
  // As Go writes JSON, if the objects were (html_safe.hpp).
  std::string Finish() &&;

 private:
  const TablePrinter& printer_;
  const IncludeObject include_;
  const double now_;
  bool first_ = true;
  std::string text_;
};

// The text of `metadata` in an object's text; empty when there is none, or no object.
std::string_view MetadataText(std::string_view object);

}  // namespace capstan::apiserver
