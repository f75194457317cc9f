// The XML that S3 answers with, as a tree.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace controller {

/// The text is not XML, or not all of it came.
class XmlError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct XmlElement {
  std::string name;  // without a namespace
  std::string text;
  std::vector<XmlElement> children;

  /// The text of the first child of that name; empty if there is none.
  [[nodiscard]] std::string child(std::string_view name) const;
};

/// Throws XmlError.  Documents with a DOCTYPE are refused, and those deeper than 16 elements.
XmlElement parse_xml(std::string_view text);

}  // namespace controller
