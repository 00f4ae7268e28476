const EXTENSIONS = new Set(
  `aac,aif,aiff,asf,asx,avi,bmp,c,cc,class,css,divx,doc,docx,exe,gif,gz,gzip,h,ico,j2k,jp2,jpe,jpeg,jpg,m4a,m4v,mdb,
  mid,midi,mov,mp2,mp3,mp4,mpa,mpe,mpeg,mpg,mpp,odb,odc,odf,odg,odp,ods,odt,ogg,opus,pdf,png,pot,pps,ppt,pptx,qt,ra,ram,
  rtf,rtx,swf,tar,tif,tiff,txt,wav,wax,webm,wma,wmv,wmx,wri,xla,xls,xlsx,xlt,xlw,zip`.split(/,\s*/),
);

const TYPES = new Set(
  `application/msword,application/ogg,application/pdf,application/rtf,application/vnd.ms-access,application/vnd.ms-excel,
  application/vnd.ms-powerpoint,application/vnd.ms-project,application/vnd.ms-write,
  application/vnd.oasis.opendocument.chart,application/vnd.oasis.opendocument.database,
  application/vnd.oasis.opendocument.formula,application/vnd.oasis.opendocument.graphics,
  application/vnd.oasis.opendocument.presentation,application/vnd.oasis.opendocument.spreadsheet,
  application/vnd.oasis.opendocument.text,application/vnd.openxmlformats-officedocument.presentationml.presentation,
  application/vnd.openxmlformats-officedocument.spreadsheetml.sheet,
  application/vnd.openxmlformats-officedocument.wordprocessingml.document,application/x-gzip,application/gzip,
  application/x-ms-wmp,application/x-msdownload,application/x-ogg,application/x-shockwave-flash,application/x-tar,
  application/zip,audio/aac,audio/aiff,audio/mid,audio/midi,audio/mp3,audio/mp4,audio/mpeg,audio/mpeg3,audio/ogg,
  audio/wav,audio/wma,audio/x-aac,audio/x-aiff,audio/x-m4a,audio/x-midi,audio/x-mp3,audio/x-mp4,audio/x-mpeg,
  audio/x-mpeg3,audio/x-mpegaudio,audio/x-mpg,audio/x-ms-wax,audio/x-ms-wma,audio/x-realaudio,audio/x-wav,image/bmp,
  image/gif,image/icon,image/jpeg,image/jp2,image/pjpeg,image/png,image/tiff,image/x-icon,image/x-ms-bmp,text/css,
  text/plain,text/richtext,text/rtf,video/asf,video/avi,video/divx,video/mp4,video/mpeg,video/msvideo,video/ogg,
  video/quicktime,video/webm,video/x-m4v,video/x-ms-asf,video/x-ms-wmv,video/x-msvideo`.split(/,\s*/),
);

/** The ending of a name as it stands there; empty when it has none. */
export function extensionOf(name: string): string {
  return /\.([^.]*)$/.exec(name)?.[1] ?? '';
}

/** Why a file may not be taken in: each list speaks for itself. */
export function objections(name: string, type: string): string[] {
  const extension = extensionOf(name).toLowerCase();
  return [
    ...(EXTENSIONS.has(extension)
      ? []
      : [`The file '${name}' could not be ingested because it has a disallowed file extension (${extension}).`]),
    ...(TYPES.has(type)
      ? []
      : [`The file '${name}' could not be ingested because it has a disallowed MIME type (${type}).`]),
  ];
}
