# The ONNX protobuf classes (libonnx-dev); their headers need two definitions that the package does not export.
find_path(OnnxProto_INCLUDE_DIR onnx/onnx_pb.h)
find_library(OnnxProto_LIBRARY onnx_proto)
find_package(Protobuf REQUIRED)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(OnnxProto DEFAULT_MSG OnnxProto_LIBRARY OnnxProto_INCLUDE_DIR)
if(OnnxProto_FOUND AND NOT TARGET Onnx::proto)
  add_library(Onnx::proto UNKNOWN IMPORTED)
  set_target_properties(Onnx::proto PROPERTIES IMPORTED_LOCATION "${OnnxProto_LIBRARY}"
      INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${OnnxProto_INCLUDE_DIR}"
      INTERFACE_COMPILE_DEFINITIONS "ONNX_ML=1;ONNX_NAMESPACE=onnx"
      INTERFACE_LINK_LIBRARIES protobuf::libprotobuf)
endif()
