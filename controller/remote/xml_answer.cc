#include "controller/remote/xml_answer.h"

#include <expat.h>

#include <limits>
#include <memory>
#include <new>

namespace controller {
namespace {

constexpr std::size_t kDeepest = 16;

struct Tree {
  XML_Parser parser = nullptr;
  XmlElement top;  // its one child is the root
  std::vector<XmlElement*> open = {&top};
};

// The parent's list may move its elements, but not while one of them is open: only the last one is.
void begin(void* cookie, const XML_Char* name, const XML_Char**) {
  auto& tree = *static_cast<Tree*>(cookie);
  if (tree.open.size() > kDeepest) {
    XML_StopParser(tree.parser, XML_FALSE);
    return;
  }
  std::string local(name);
  local.erase(0, local.find(':') + 1);
  auto& element = tree.open.back()->children.emplace_back();
  element.name = local;
  tree.open.push_back(&element);
}

void end(void* cookie, const XML_Char*) {
  static_cast<Tree*>(cookie)->open.pop_back();
}

void take_text(void* cookie, const XML_Char* text, int size) {
  static_cast<Tree*>(cookie)->open.back()->text.append(text, static_cast<std::size_t>(size));
}

void refuse(void* cookie, const XML_Char*, const XML_Char*, const XML_Char*, int) {
  XML_StopParser(static_cast<Tree*>(cookie)->parser, XML_FALSE);
}

struct FreeParser {
  void operator()(XML_Parser parser) const { XML_ParserFree(parser); }
};

}  // namespace

std::string XmlElement::child(std::string_view wanted) const {
  for (const auto& element : children) {
    if (element.name == wanted) {
      return element.text;
    }
  }
  return {};
}

XmlElement parse_xml(std::string_view text) {
  const std::unique_ptr<XML_ParserStruct, FreeParser> parser(XML_ParserCreate("UTF-8"));
  if (!parser) {
    throw std::bad_alloc();
  }
  if (text.size() > std::numeric_limits<int>::max()) {
    throw XmlError("the XML is too large");
  }
  Tree tree;
  tree.parser = parser.get();
  XML_SetUserData(parser.get(), &tree);
  XML_SetElementHandler(parser.get(), begin, end);
  XML_SetCharacterDataHandler(parser.get(), take_text);
  XML_SetStartDoctypeDeclHandler(parser.get(), refuse);
  if (XML_Parse(parser.get(), text.data(), static_cast<int>(text.size()), XML_TRUE) !=
      XML_STATUS_OK) {
    throw XmlError(XML_ErrorString(XML_GetErrorCode(parser.get())));
  }
  return std::move(tree.top.children.front());
}

}  // namespace controller
