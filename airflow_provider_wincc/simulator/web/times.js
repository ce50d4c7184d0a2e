// Moments of the station, which come as text in UTC, in the time of the person who looks.

const two = (number) => String(number).padStart(2, "0");
const three = (number) => String(number).padStart(3, "0");

export function timeOfDay(text) {
  const moment = new Date(text);
  if (Number.isNaN(moment.getTime())) {
    return text;
  }
  const time = `${two(moment.getHours())}:${two(moment.getMinutes())}:${two(moment.getSeconds())}`;
  const today = new Date();
  return moment.toDateString() === today.toDateString()
    ? `${time}.${three(moment.getMilliseconds())}`
    : `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())} ${time}`;
}
